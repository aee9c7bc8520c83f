"""Asks by mail: news goes out as mails, replies to them come back as answers and messages."""


def register() -> None:
    from seacliff.connectors.email import door, replies, sending
    from seacliff.connectors.incoming import READERS, READERS_OF_MANY
    from seacliff.intake.mail_door import TAKERS
    from seacliff.partners import channels

    channels.register(sending.EmailChannel())
    TAKERS.append(door.take)
    READERS["email"] = replies.settle
    READERS_OF_MANY["email"] = replies.settle_many
