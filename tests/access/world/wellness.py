from seacliff.wellness.models import Budget

from . import World


def plant(world: World) -> None:
    world.names["wellness:lift.id"] = Budget.objects.create(most=5).id
