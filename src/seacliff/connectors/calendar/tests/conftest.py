from seacliff.partners.tests.conftest import comms

__all__ = ["comms"]
