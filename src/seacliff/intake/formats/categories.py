"""Which of Seacliff's categories another vocabulary's word means. Data first; the functions below only look things up.

Sources of the vocabularies: XARF v4.2 and v3 schemas, RFC 5965 and RFC 6591 feedback types, x-arf 0.2, the report names
of the Shadowserver Foundation. What a word means here is our editorial choice.
"""

import re
from collections import Counter

XARF4 = {
    "messaging": "spam", "connection": "network-attack", "content": "unsorted", "copyright": "copyright",
    "infrastructure": "compromised-host", "vulnerability": "vulnerable-service", "reputation": "network-attack",
    "connection/infected_host": "compromised-host", "content/phishing": "phishing", "content/malware": "malware",
    "content/csam": "child-safety", "content/csem": "child-safety", "content/exposed_data": "privacy-doxxing",
    "content/brand_infringement": "trademark", "content/fraud": "fraud-scam",
    "content/remote_compromise": "compromised-host", "content/suspicious_registration": "impersonation",
}  # fmt: skip

# A detail inside a XARF v4 report that says more than its type does: (field, value) -> category.
XARF4_DETAIL = {
    ("infringement_type", "counterfeit"): "counterfeit", ("predicted_usage", "phishing"): "phishing",
    ("threat_type", "command_and_control"): "compromised-host", ("threat_type", "botnet"): "compromised-host",
    ("threat_type", "c2"): "compromised-host", ("threat_type", "malware"): "malware",
    ("threat_type", "phishing"): "phishing", ("threat_type", "spam"): "spam",
    ("threat_type", "spam_source"): "spam", ("threat_type", "malware_distribution"): "malware",
}  # fmt: skip

# XARF v3 report types, lower case without punctuation. Class names stand at the end as a last resort.
XARF3 = {
    "spam": "spam", "dos": "network-attack", "ddos": "network-attack", "loginattack": "network-attack",
    "bruteforce": "network-attack", "portscan": "network-attack", "webcrawler": "network-attack",
    "exploit": "network-attack", "botnet": "compromised-host", "malware": "malware", "phishing": "phishing",
    "childabuse": "child-safety", "copyright": "copyright", "trademark": "trademark", "harassment": "harassment",
    "openservice": "vulnerable-service", "vulnerable": "vulnerable-service", "fraud": "fraud-scam",
    "potentiallycompromisedaccount": "account-takeover", "rpz": "compromised-host", "compromised": "compromised-host",
    "messaging": "spam", "network": "network-attack", "system": "compromised-host",
    "vulnerability": "vulnerable-service",
}  # fmt: skip

# RFC 5965 section 7.3, RFC 6430, RFC 6591, and what providers send beside them.
FEEDBACK = {
    "abuse": "spam", "complaint": "spam", "opt-out": "spam", "opt-out-list": "spam", "opt-in": "spam",
    "fraud": "phishing", "virus": "malware", "phishing": "phishing", "auth-failure": "impersonation",
    "dmarc": "impersonation", "dkim": "impersonation",
}  # fmt: skip
NOT_ABUSE = {"not-spam", "notspam", "dismissal"}

# Words inside the name of a data feed, a service, a report type or a malware name; the first that fits decides.
FEED_WORDS = (
    ("botware", "network-attack"),
    ("sinkhole", "compromised-host"), ("drone", "compromised-host"), ("botnet", "compromised-host"),
    ("bot_", "compromised-host"), ("infect", "compromised-host"), ("compromised", "compromised-host"),
    ("microsoft_sinkhole", "compromised-host"), ("spam_url", "spam"), ("spam", "spam"), ("phish", "phishing"),
    ("cysc.malware", "malware"), ("malware", "malware"), ("virus", "malware"), ("trojan", "malware"),
    ("brute", "network-attack"), ("honeypot", "network-attack"), ("ddos", "network-attack"),
    ("amplification", "network-attack"), ("attack", "network-attack"), ("scanner", "network-attack"),
    ("portscan", "network-attack"), ("port scan", "network-attack"), ("loginattack", "network-attack"),
    ("hack", "network-attack"), ("regbot", "network-attack"), ("badbot", "network-attack"),
    ("harvest", "network-attack"), ("dictionary", "network-attack"), ("login", "network-attack"),
    ("scan_", "vulnerable-service"), ("scan6_", "vulnerable-service"), ("ntpmonitor", "vulnerable-service"),
    ("ntp_", "vulnerable-service"), ("open_", "vulnerable-service"), ("openresolver", "vulnerable-service"),
    ("open resolver", "vulnerable-service"), ("vulnerable", "vulnerable-service"), ("ssl_", "vulnerable-service"),
    ("exposed", "vulnerable-service"), ("accessible", "vulnerable-service"), ("defacement", "compromised-host"),
    ("fraud", "fraud-scam"), ("copyright", "copyright"), ("infring", "copyright"), ("blacklist", "network-attack"),
    ("blocklist", "network-attack"), ("suspicious", "compromised-host"),
)  # fmt: skip
# Services fail2ban-like reporters name alone ("service: ssh"): somebody attacked them.
_ATTACKED = {
    "ssh", "sshd", "ftp", "imap", "pop3", "smtp", "sasl", "sip", "asterisk", "postfix", "apache", "http", "rdp",
    "telnet", "mysql", "courierimap", "courierpop3", "proftpd", "w00tw00t", "mail", "named", "exim", "dovecot",
}  # fmt: skip

# Words other tools, forms and spreadsheets use for our categories.
SYNONYMS = {
    "unsolicited": "spam", "scam": "fraud-scam", "fraud": "fraud-scam", "fake": "impersonation",
    "impersonating": "impersonation", "bullying": "harassment", "abuse": "harassment", "hateful": "hate",
    "hate speech": "hate", "racism": "hate", "antisemitism": "hate", "anti lgbtq": "hate", "transphobia": "hate",
    "homophobia": "hate", "threat": "threats-violence", "violence": "threats-violence",
    "threats": "threats-violence", "terrorism": "violent-extremism", "extremism": "violent-extremism",
    "suicide": "self-harm", "self harm": "self-harm", "csam": "child-safety", "csae": "child-safety",
    "child abuse": "child-safety", "underage": "child-safety", "nudity": "sexual-content", "porn": "sexual-content",
    "pornography": "sexual-content", "adult": "sexual-content", "nsfw": "sexual-content",
    "ncii": "non-consensual-intimate-imagery", "revenge porn": "non-consensual-intimate-imagery",
    "doxxing": "privacy-doxxing", "doxing": "privacy-doxxing", "privacy": "privacy-doxxing", "dmca": "copyright",
    "piracy": "copyright", "zoombombing": "disrupted-meeting", "meeting disruption": "disrupted-meeting",
    "raid": "disrupted-meeting", "hacked account": "account-takeover", "ato": "account-takeover",
    "ddos": "network-attack", "port scan": "network-attack", "brute force": "network-attack",
    "botnet": "compromised-host", "infected": "compromised-host", "open resolver": "vulnerable-service",
    "vulnerability": "vulnerable-service", "disinformation": "misinformation", "fake news": "misinformation",
    "drugs": "regulated-goods", "weapons": "regulated-goods", "other": "unsorted", "": "unsorted",
    "viruses": "malware", "virus": "malware", "phish": "phishing", "counterfeits": "counterfeit", "ham": "unsorted",
}  # fmt: skip

# Stems of words people write, by category and weight. A trailing * matches any ending. Two-word entries match in a row.
_STEMS: dict[str, str] = {
    "spam": "spam* unsolicited newsletter* unsubscrib* werbung* werbemail* bulk* correo=no=deseado ongewenste junk",
    "phishing": "phish*3 credential*2 bank*login fake=login login=page gefälschte* anmeldeseite suplantación=web "
    "hameçonnage spear=phishing steal=password stealing=password* zugangsdaten contraseña* fraudulent=content",
    "malware": "malware*3 virus* trojan*3 ransomware*3 exploit=kit spyware* schadsoftware*3 botnet=download "
    "malicious=file* malicious=content*2 infected=file* schädlich* troyano* keylogger*",
    "fraud-scam": "scam*2 fraud* betrug*2 betrüg*2 estaf*2 ponzi* lottery* advance=fee money=back gift=card* "
    "bitcoin* crypto=invest* investment* refund=scam abzocke* arnaque* oplicht* wire=transfer swindle* stole=money",
    "impersonation": "impersonat*3 pretend* posing=as fake=account* fake=profile* suplanta*3 ausgibt "
    "identitätsdiebstahl*2 gefälschtes=profil usurpation* claims=to=be falsches=profil",
    "harassment": "harass*3 bully* bullied stalk*2 belästig*3 mobbing* beleidig*2 acos*2 insult* intimidat* "
    "harcèlement* unwanted=messages keeps=messaging slurs",
    "hate": "hate=speech*3 hateful*2 racis*2 antisemit*3 nazi*2 homophob*2 transphob*2 rassis*2 volksverhetz*3 "
    "odio hassrede* xenophob*2 islamophob*2 slur* volksverhetzung",
    "threats-violence": "threat* kill*2 murder* bomb* shoot*2 bedroh*3 amenaz*2 morddroh*3 umbring* töten* stab "
    "weapon* going=to=hurt death=threat*3 menace* gewalt*",
    "violent-extremism": "terror*3 extremis*2 isis jihad* recruit*=fighters attentat* terroris*3",
    "self-harm": "suicid*3 self-harm* self=harm*3 selbstmord*3 suizid*3 suicidio*3 kill=myself hurt=myself cutting "
    "end=my=life sich=umbringen",
    "child-safety": "csam*4 csem*4 child=abuse*4 child=porn*4 child=sexual*4 underage*3 minor* groom*3 kinderporn*4 "
    "kindesmissbrauch*4 pornografía=infantil pedophil*4 paedophil*4 pédoporn*4 abuso=infantil minderjährig*2 "
    "menor*=de=edad",
    "sexual-content": "porn*2 nudity*2 naked* nackt* desnud*2 sexual* masturbat*2 genital* explicit*",
    "non-consensual-intimate-imagery": "revenge=porn*4 without=my=consent*2 intimate=image*4 intimate=photo*4 "
    "intimate=video*4 nude=photo* nacktbild*3 sextort*4 deepfake*2 private=pictures leaked=nudes*4 rachepornos*4",
    "privacy-doxxing": "dox*3 personal=data*2 personal=information home=address*2 phone=number private=information "
    "datenschutz* privatadresse* gdpr* recorded=without datos=personales wohnadresse* my=address",
    "copyright": "copyright*3 dmca*4 infring*2 urheberrecht*3 piracy*2 pirated*2 derechos=de=autor "
    "droit*=d*auteur infringed=work auteursrecht*3 raubkopie*3 unlicensed*",
    "trademark": "trademark*4 markenrecht*4 marca=registrada brand=name* marque=déposée registered=mark "
    "markenverletz*4",
    "counterfeit": "counterfeit*4 replica*2 fake=products knockoff* fälschung* falsificad*2 produktfälsch*4 "
    "fake=watches contrefaçon*3",
    "disrupted-meeting": "zoombomb*4 meetingbomb*4 disrupt*2 uninvited*2 gestört*2 gestoert*2 interrumpi*2 "
    "störung* joined=our=meeting*2 shared=their=screen screamed screaming hijacked=our=meeting*3 "
    "webinar=was intruder*2 störer* gesprengt crashed=our took=over=our reunión=fue",
    "account-takeover": "hacked* my=account*1 taken=over*2 kompromittiert* gehackt*2 hackead*2 unauthorized=login*2 "
    "unauthorised=login*2 konto=übernommen stolen=account*3 account=was=stolen*3 locked=out*",
    "network-attack": "ddos*3 brute*2 bruteforce*3 portscan*3 port=scan*3 scanning* attack* angriff* ataque* "
    "fail2ban*3 honeypot*2 login=attempt*2 failed=login*2 sql=injection*3 botware* flood* hacking=attempt* intrusion*",
    "compromised-host": "botnet*3 sinkhole*3 compromised*2 infected=host infected=system* infizier* webshell*3 "
    "command=and=control*2 zombie=computer drone",
    "vulnerable-service": "open=resolver*3 vulnerab*2 cve*2 misconfigur*2 exposed=service*3 amplification* "
    "publicly=accessible*2 unpatched* schwachstelle* sicherheitslücke* vulnerabilidad*",
    "misinformation": "misinformation*4 disinformation*4 fake=news*3 falschinformation*4 desinformación*4 hoax* "
    "false=claims conspiracy*",
    "regulated-goods": "drugs*2 cocaine*3 firearm*3 drogen*2 drogas*2 prescription* tobacco* fentanyl*3 "
    "illegal=weapons*3 waffenhandel*3 selling=guns*3 cannabis*2",
}

_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_WEIGHT = re.compile(r"(\*?)(\d?)$")


def _compile() -> tuple[dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]], dict, tuple[int, ...]]:
    exact: dict[str, list[tuple[str, int]]] = {}
    stems: dict[str, list[tuple[str, int]]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str, int]]] = {}
    for slug, entries in _STEMS.items():
        for entry in entries.split():
            match = _WEIGHT.search(entry)
            word, weight = entry[: match.start()] if match else entry, int((match and match[2]) or 1)
            if "=" in word:
                first, *rest = (part.strip("*") for part in word.split("="))
                phrases.setdefault(first, []).append((tuple(rest), slug, weight + 1))
            elif match and match[1]:
                stems.setdefault(word, []).append((slug, weight))
            else:
                exact.setdefault(word, []).append((slug, weight))
    return exact, stems, phrases, tuple(sorted({len(stem) for stem in stems}))


_EXACT, _STEM, _PHRASES, _LENGTHS = _compile()


def guess_category(text: str, subject: str = "") -> str:
    """The category the words of a free text speak for, or `unsorted` when none does. The subject counts threefold.

    At most 6,000 characters are read. A word counts at most twice, so that boilerplate does not outvote the rest.
    """
    words = _WORD.findall(text[:6000].lower())
    scores: Counter[str] = Counter()
    _score(words, 1, scores)
    if subject:
        _score(_WORD.findall(subject[:MAX_SUBJECT_WORDS].lower()), 3, scores)
    if not scores:
        return "unsorted"
    return max(scores.items(), key=lambda item: (item[1], -_ORDER[item[0]]))[0]


MAX_SUBJECT_WORDS = 300
# On a tie the graver category wins: a mistake there costs more.
_GRAVEST_FIRST = (
    "child-safety", "self-harm", "violent-extremism", "threats-violence", "non-consensual-intimate-imagery",
    "privacy-doxxing", "hate", "harassment", "disrupted-meeting", "account-takeover", "malware", "phishing",
    "impersonation", "fraud-scam", "counterfeit", "trademark", "copyright", "regulated-goods", "sexual-content",
    "misinformation", "compromised-host", "vulnerable-service", "network-attack", "spam", "unsorted",
)  # fmt: skip
_ORDER = {slug: place for place, slug in enumerate(_GRAVEST_FIRST)}


def _score(words: list[str], factor: int, scores: Counter[str]) -> None:
    for word, times in Counter(words).items():
        times = min(times, 2) * factor
        for slug, weight in _EXACT.get(word, ()):
            scores[slug] += weight * times
        for length in _LENGTHS:
            for slug, weight in _STEM.get(word[:length], ()) if length <= len(word) else ():
                scores[slug] += weight * times
    for place, word in enumerate(words):
        for rest, slug, weight in _PHRASES.get(word, ()):
            following = words[place + 1 : place + 1 + len(rest)]
            if len(following) == len(rest) and all(map(str.startswith, following, rest)):
                scores[slug] += weight * factor


def category_of_feed(name: str) -> str:
    """The category a feed, service or report type speaks for by its name, or `unsorted`."""
    name = name[:300].lower()
    for word, slug in FEED_WORDS:
        if word in name:
            return slug
    return "network-attack" if name.strip() in _ATTACKED else "unsorted"


_PLAIN = re.compile(r"[\s_/,-]+")


def read_category(word: str, known: frozenset[str]) -> str | None:
    """The category a column or form means by `word`: a slug, its spelling with spaces, or a synonym; else None."""
    slug = _PLAIN.sub("-", word.strip().lower())
    if slug in known:
        return slug
    return SYNONYMS.get(slug.replace("-", " "))
