from seacliff.appeals.access import by_notice
from seacliff.appeals.actions import lodge
from seacliff.intake.receipts import token_of as status_token
from seacliff.record.tokens import token_of

from . import World


def plant(world: World) -> None:
    notice = token_of("notice", world.made.notice.id)
    world.made.appeal = appeal = lodge(by_notice(notice), "It was not bulk, look at the list again.")
    world.name("appeals:appeal do", "ref", appeal.ref)
    world.names |= {
        "appeals:by-id.id": appeal.id,
        "appeals:of-notice.token": notice,
        "appeals:of-status.token": status_token(world.made.report.id),
        "api:appeals.ref": appeal.ref,
    }
