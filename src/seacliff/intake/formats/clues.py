"""Clues in free text: links, addresses, meeting ids, accounts, phone numbers, in all the ways people write them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from .reading import MAX_REF, MAX_SCAN

_URL = re.compile(r"(?<![A-Za-z0-9])h(?:tt|xx|XX|TT)ps?://[^\s<>\"'⟨⟩\\^`{}|\x00-\x1f]{3,2000}", re.IGNORECASE)
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_DOMAIN = re.compile(r"(?<![\w@./-])(?:[A-Za-z0-9](?:[\w-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,24}(?![\w@(-]|\.\w)")
_MEETING = re.compile(
    r"\b(?:meeting|webinar|event|room|conference|call|besprechungs?|sitzungs?|konferenz|reuni[oó]n|r[ée]union)"
    r"[\s_-]{0,3}(?:id|nr|no|number|nummer|code|kennung)\b\.?\s{0,3}[:#=]?\s{0,3}(?:is\s|ist\s|was\s|es\s)?"
    r"(\d[\d \-]{6,16}\d|[A-Za-z0-9][\w-]{5,40})",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"\b(user|account|username|user[ _-]?name|user[ _-]?id|account[ _-]?id|benutzer|benutzername|konto|usuario|cuenta|"
    r"profile|profil|handle)\b\s{0,3}(?:[:=]|named|called|namens|llamado)\s{0,3}[\"“„']?"
    r"(@?[^\s\"”“',;:()<>]{2,64})",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@./])@[A-Za-z0-9_][\w.]{1,39}(?:@(?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24})?")
_PHONE = re.compile(r"(?<![\w.:/-])\+\d[\d ()/.-]{6,18}\d(?![\w])")
_DEFANGED = (("[.]", "."), ("(.)", "."), ("[dot]", "."), ("(dot)", "."), ("[:]", ":"), ("[@]", "@"), ("[at]", "@"),
             ("hxxps", "https"), ("hxxp", "http"), ("[://]", "://"))  # fmt: skip
_TRAILING = ".,;:!?)]}>*'\"…"
# Links every report carries that are never its target: schemas, specifications, key servers, licence texts.
_NEVER = ("w3.org", "x-arf.org", "xarf.org", "acns.net", "ietf.org", "mipassoc.org", "pgp.mit.edu", "schema.org",
          "gnupg.org", "openoffice.org", "schemas.microsoft.com")  # fmt: skip
# Name endings that look like a domain in prose but are files or code.
_NOT_DOMAINS = {"txt", "html", "htm", "php", "js", "css", "pdf", "png", "jpg", "jpeg", "gif", "zip", "exe",
                "doc", "docx", "csv", "xml", "json", "log", "eml", "xlsx", "asp", "aspx", "py", "sh", "mp4", "avi",
                "mkv", "dll", "rar", "gz", "local", "internal", "invalid"}  # fmt: skip


def refang(text: str) -> str:
    """Undoes the usual ways of making a link harmless (hxxp, [.])."""
    if "[" in text or "(" in text or "xx" in text.lower():
        for harmless, real in _DEFANGED:
            if harmless in text:
                text = text.replace(harmless, real)
    return text


def urls(text: str) -> list[str]:
    """Links in a text, in order, each once; punctuation that belongs to the sentence is cut off."""
    found = (_tidy(match) for match in _URL.findall(refang(text[:MAX_SCAN])))
    return list(dict.fromkeys(url for url in found if len(url) > 10 and not _is_boilerplate(url)))


def _tidy(url: str) -> str:
    if url[:2].lower() == "hx":
        url = "http" + url[4:]
    while url and url[-1] in _TRAILING:
        if url[-1] == ")" and url.count("(") >= url.count(")"):
            break
        if url[-1] == "]" and url.endswith("]") and re.search(r"//\[[0-9A-Fa-f:.]+\]$", url):
            break
        url = url[:-1]
    return url[:MAX_REF]


def _is_boilerplate(url: str) -> bool:
    host = host_of(url)
    return any(host == name or host.endswith("." + name) for name in _NEVER)


def host_of(url: str) -> str:
    """The host of a link in lower case ('' when it has none that can be read)."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


_SECOND_LEVEL = {"ac", "co", "com", "edu", "gob", "gov", "net", "org"}  # example.co.uk, example.com.br


def site_of(host: str) -> str:
    """The part of a host name that one owner has: the last two labels, three under a country's second level."""
    labels = host.lower().strip(".").split(".")
    wide = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if wide else labels[-2:])


def is_own(url: str, address: str) -> bool:
    """Whether a link leads to the site of the person who wrote: a signature's or a service's own link."""
    host, home = host_of(url), address.rpartition("@")[2]
    return bool(host and home) and site_of(host) == site_of(home)


def ips(text: str) -> list[str]:
    """IP addresses in a text, in order, each once. Networks (10.0.0.0/24) and addresses of nobody are left out."""
    text = refang(text[:MAX_SCAN])
    found: list[tuple[int, str]] = []
    for pattern in (_IPV4, _IPV6) if ":" in text else (_IPV4,):
        for match in pattern.finditer(text):
            address = read_ip(match.group())
            if address and text[match.end() : match.end() + 1] != "/" and not _is_nobody(address):
                found.append((match.start(), address))
    return list(dict.fromkeys(address for _, address in sorted(found)))


def read_ip(value: str) -> str:
    """An IP address in its canonical spelling ('' when the value is none)."""
    value = value.strip().strip("[]")
    if not 2 < len(value) < 46 or (":" not in value and "." not in value):
        return ""
    try:
        return str(ip_address(value))
    except ValueError:
        return ""


def _is_nobody(address: str) -> bool:
    parsed: IPv4Address | IPv6Address = ip_address(address)
    return parsed.is_loopback or parsed.is_unspecified or parsed.is_multicast or address.startswith("0.")


def emails(text: str) -> list[str]:
    return list(dict.fromkeys(match.rstrip(".") for match in _EMAIL.findall(refang(text[:MAX_SCAN]))))


def domains(text: str) -> list[str]:
    """Domain names written by themselves (not inside a link or an address)."""
    text = refang(text[:MAX_SCAN])
    if "." not in text:
        return []
    found = (match.lower() for match in _DOMAIN.findall(_URL.sub(" ", text)))
    return list(dict.fromkeys(name for name in found if is_domain(name)))


def is_domain(name: str) -> bool:
    label, _, ending = name.rpartition(".")
    return bool(label) and ending.lower() not in _NOT_DOMAINS and len(name) >= 4 and bool(_DOMAIN.fullmatch(name))


def meetings(text: str) -> list[str]:
    """Meeting, webinar or event ids that are named as such; digits without their spaces. A word alone is no id."""
    found = []
    for match in _MEETING.findall(text[:MAX_SCAN]):
        if any(letter.isdigit() for letter in match):
            found.append(re.sub(r"[\s-]", "", match) if match[0].isdigit() else match)
    return list(dict.fromkeys(found))


def accounts(text: str) -> list[tuple[str, str]]:
    """(kind, name) of users and accounts that are named as such."""
    text = text[:MAX_SCAN]
    found = []
    for label, name in _ACCOUNT.findall(text):
        kind = "account" if label.lower().startswith(("account", "konto", "cuenta")) else "user"
        name = name.rstrip(_TRAILING)
        if len(name) > 1:
            found.append((kind, name))
    found.extend(("user", handle.rstrip(_TRAILING)) for handle in _HANDLE.findall(text) if "@" in text)
    return list(dict.fromkeys(found))


def phones(text: str) -> list[str]:
    return list(dict.fromkeys(re.sub(r"[^\d+]", "", match) for match in _PHONE.findall(text[:MAX_SCAN])))


def target_of(value: str) -> tuple[str, str]:
    """(kind, reference) of something named as the target, by its shape alone; ('other', value) for the rest."""
    value = refang(value.strip().strip("<>\"'"))[:MAX_REF]
    if value.lower().startswith("mailto:"):
        value = value[7:]
    address = read_ip(value)
    if address:
        return "ip", address
    if _URL.match(value):
        return "url", _tidy(value)
    if _EMAIL.fullmatch(value):
        return "email", value
    if "/" in value and is_domain(value.partition("/")[0]):
        return "url", "http://" + value
    if is_domain(value):
        return "domain", value.lower()
    if _HANDLE.fullmatch(value):
        return "user", value
    if _PHONE.fullmatch(value):
        return "phone", re.sub(r"[^\d+]", "", value)
    host, _, port = value.rpartition(":")  # 192.0.2.1:8080
    if port.isdigit() and read_ip(host):
        return "ip", read_ip(host)
    return "other", value
