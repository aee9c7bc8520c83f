from seacliff.partners.tests.conftest import alice

__all__ = ["alice"]
