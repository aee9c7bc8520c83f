"""What is known about frequent senders of machine-made reports. Data: a reader never depends on an entry being here."""

# Domain of the sender -> the organisation that reports.
ORGANISATIONS = {
    "abuse.ch": "abuse.ch", "abusehub.nl": "Abuse Information Exchange", "abusix.com": "Abusix", "aol.net": "AOL",
    "blocklist.de": "blocklist.de", "copyright-compliance.com": "Irdeto", "cyscon.de": "cyscon",
    "google.com": "Google", "ip-echelon.com": "IP-Echelon", "netcraft.com": "Netcraft", "ncmec.org": "NCMEC",
    "projecthoneypot.org": "Project Honey Pot", "returnpath.net": "Return Path", "senderscore.net": "Return Path",
    "shadowserver.org": "The Shadowserver Foundation", "spamcop.net": "SpamCop", "spamhaus.org": "Spamhaus",
    "valimail.com": "Valimail", "webiron.com": "Webiron", "yahoo.com": "Yahoo", "zoho.com": "Zoho",
}  # fmt: skip


def organisation_of(address: str) -> str:
    """The organisation behind an address ('' when it is not a known sender)."""
    labels = address.rpartition("@")[2].lower().split(".")
    for start in range(len(labels) - 1):
        known = ORGANISATIONS.get(".".join(labels[start:]))
        if known:
            return known
    return ""
