"""The sample company: Lantern, a maker of video meetings, with its people, queues and rules. All of it is invented."""

from typing import Any

ADDRESS = "lantern.example"

# name, roles, tier, languages, categories
PEOPLE: list[tuple[str, list[str], int, list[str], list[str]]] = [
    ("Amara Okafor", ["reviewer"], 1, ["en", "fr"], []),
    ("Jonas Weber", ["reviewer"], 1, ["en", "de"], []),
    ("Lucía Herrera", ["reviewer"], 2, ["en", "es"], []),
    ("Mei Tanaka", ["reviewer"], 3, [], []),
    ("Ruth Adler", ["lead"], 4, [], []),
    ("Samuel Osei", ["reviewer"], 4, [], []),
    ("Priya Nair", ["policy-manager"], 1, [], []),
    ("Tom Aldridge", ["auditor"], 1, [], []),
    ("Nadia Petrova", ["privacy-officer"], 1, [], []),
    ("Femi Balogun", ["privacy-officer"], 1, [], []),
]

FUNCTIONS = ["Communications", "Engineering", "Government Relations", "Product", "Legal", "Support"]

QUEUES = [
    ("urgent", "Imminent harm", "Life or a child may be in danger: first, always."),
    ("people", "Harm to people", "Harassment, hate, privacy, disrupted meetings."),
    ("fraud", "Fraud and spam", "Phishing, scams, impersonation, unwanted invitations."),
    ("network", "Network abuse", "Machine reports: malware, attacks, vulnerable hosts."),
    ("rights", "Rights holders", "Copyright, trademark, counterfeit."),
    ("general", "General", "What no rule sends elsewhere."),
]

RULES: list[dict[str, Any]] = [
    {
        "name": "Fraud and spam",
        "when": 'report.category in ["phishing", "fraud-scam", "impersonation", "spam", "account-takeover"]',
        "set": {"queue": "fraud"},
    },
    {
        "name": "Harm to people",
        "when": 'report.category in ["harassment", "hate", "disrupted-meeting", "privacy-doxxing", "sexual-content", '
        '"threats-violence"]',
        "set": {"queue": "people"},
    },
    {
        "name": "Network abuse",
        "when": 'report.category in ["malware", "network-attack", "compromised-host", "vulnerable-service"]',
        "set": {"queue": "network"},
    },
    {
        "name": "Rights holders",
        "when": 'report.category in ["copyright", "trademark", "counterfeit"]',
        "set": {"queue": "rights", "hours": 72.0},
    },
    {
        "name": "Classrooms first",
        "when": 'tree.organisation_plan == "education" && report.category == "disrupted-meeting"',
        "set": {"severity": 2},
    },
    {
        "name": "Life or a child in danger",
        "when": 'report.category in ["child-safety", "self-harm", "violent-extremism", '
        '"non-consensual-intimate-imagery"]',
        "set": {"queue": "urgent", "severity": 1, "tier": 2, "hours": 2.0},
    },
]

# name, plan, country, language
ORGANISATIONS = [
    ("Northfield University", "education", "GB", "en"),
    ("Hochschule Elbmark", "education", "DE", "de"),
    ("Colegio Río Claro", "education", "ES", "es"),
    ("Harbour & Sons", "business", "IE", "en"),
    ("Kranich Logistik", "business", "DE", "de"),
    ("Bay Area Chess Club", "free", "US", "en"),
    ("Teatro del Puente", "business", "MX", "es"),
    ("Quickstart Seminars", "free", "US", "en"),
]
USERS = ["a.marsh", "b.lindner", "c.ortega", "d.novak", "e.fields", "f.kowalski", "g.duarte", "h.brandt"]
EVENTS = ["Weekly lecture", "Town hall", "Parents' evening", "Sales webinar", "Reading group", "Open rehearsal"]

# category: weight among the reports, texts by language
SAID: dict[str, tuple[int, dict[str, list[str]]]] = {
    "spam": (
        30,
        {
            "en": ["The same invitation every hour, I never signed up.", "Bulk invitations to a list they bought."],
            "de": ["Ich bekomme jede Stunde dieselbe Einladung und habe mich nie angemeldet."],
            "es": ["Recibo la misma invitación cada hora y nunca me inscribí."],
        },
    ),
    "phishing": (
        18,
        {
            "en": ["The host pasted a link that looks like our sign-in page and asks for the password."],
            "de": ["Im Chat stand ein Link zu einer gefälschten Anmeldeseite."],
            "es": ["En el chat había un enlace a una página de acceso falsa."],
        },
    ),
    "disrupted-meeting": (
        16,
        {
            "en": ["Strangers joined our class, shouted and shared their screen.", "Somebody played loud noise."],
            "de": ["Fremde kamen in den Unterricht und haben laut gestört."],
            "es": ["Entraron desconocidos en la clase y no pudimos seguir."],
        },
    ),
    "harassment": (
        12,
        {
            "en": ["He writes to me after every meeting although I asked him to stop."],
            "de": ["Nach jeder Besprechung kommen beleidigende Nachrichten."],
            "es": ["Me insulta en cada reunión delante de todos."],
        },
    ),
    "impersonation": (7, {"en": ["This account uses our director's name and picture."]}),
    "fraud-scam": (7, {"en": ["A paid seminar that never takes place; nobody answers."]}),
    "hate": (5, {"en": ["The speaker called for people of one origin to be thrown out."]}),
    "copyright": (5, {"en": ["Our film is shown to a paying public without a licence."]}),
    "privacy-doxxing": (3, {"en": ["They read out my home address in a public event."]}),
    "malware": (3, {"en": ["The file shared in the meeting is reported as a trojan."]}),
    "threats-violence": (2, {"en": ["He said he would come to the office and hurt her."]}),
    "self-harm": (1, {"en": ["A participant said goodbye to everybody; we are worried."]}),
    "account-takeover": (2, {"en": ["My account starts meetings that I know nothing of."]}),
    "unsorted": (3, {"en": ["Something is off with this event, please look."]}),
}
