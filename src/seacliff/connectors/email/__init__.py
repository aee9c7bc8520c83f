"""Asks by mail: news goes out as mails, replies to them come back as answers and messages."""


def register() -> None:
    from seacliff.connectors.email import door, replies, sending
    from seacliff.connectors.incoming import READERS
    from seacliff.intake.mail_door import TAKERS
    from seacliff.partners import channels

    channels.register(sending.EmailChannel())
    TAKERS.append(door.take)
    READERS["email"] = replies.settle
