"""Messages written for these tests, one per format. Names and addresses are from the documentation ranges."""

import base64
import hashlib
import io
import json
import zipfile


def _mail(text: str) -> bytes:
    return text.lstrip("\n").encode()


ARF = _mail("""
Return-Path: <>
From: Harbour Mail Feedback <fbl@harbour.example>
To: abuse@platform.example
Subject: Complaint about a message from 198.51.100.7
Date: Tue, 3 Mar 2026 09:15:00 +0000
Message-ID: <fbl-1@harbour.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="edge"

--edge
Content-Type: text/plain; charset=utf-8

One of our users marked this message as unwanted.

--edge
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: HarbourFBL/2
Version: 1
Original-Mail-From: <invites@tenant.example>
Arrival-Date: Tue, 3 Mar 2026 08:02:11 +0100
Source-IP: 198.51.100.7
Reported-Domain: tenant.example
Original-Rcpt-To: a1@harbour.example
Original-Rcpt-To: a2@harbour.example

--edge
Content-Type: message/rfc822

Received: from out.platform.example (out.platform.example [198.51.100.7])
\tby mx.harbour.example; Tue, 3 Mar 2026 08:02:11 +0100
From: "Cheap Webinars" <invites@tenant.example>
To: a1@harbour.example
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from the webinar you never joined
Message-ID: <offending-1@tenant.example>
Date: Tue, 3 Mar 2026 08:02:09 +0100

Join now.
--edge--
""")

ARF_BARE = _mail("""
From: fbl@quay.example
Subject: complaint
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

This is an abuse report for a message received from IP 203.0.113.40 on Thu, 5 Mar 2026 10:00:00 EST.
--b
Content-Type: text/plain

Feedback-Type: fraud
Version: 1
Reported-URI: hxxp://login.tenant[.]example/verify
--b--
""")

NOT_SPAM = ARF.replace(b"Feedback-Type: abuse", b"Feedback-Type: not-spam")

XARF4_DOCUMENT = {
    "xarf_version": "4.2.0",
    "report_id": "6f0e2b1c-6d2b-4c3e-9b76-0d1a52c5f001",
    "timestamp": "2026-02-01T12:00:00Z",
    "reporter": {"org": "Pier Watch", "contact": "desk@pier.example", "domain": "pier.example"},
    "sender": {"org": "Pier Watch", "contact": "desk@pier.example", "domain": "pier.example"},
    "source_identifier": "203.0.113.9",
    "source_port": 51515,
    "category": "connection",
    "type": "login_attack",
    "evidence_source": "honeypot",
    "destination_ip": "198.51.100.20",
    "destination_port": 22,
    "protocol": "tcp",
    "first_seen": "2026-02-01T11:00:00Z",
    "tags": ["attack:brute_force"],
    "evidence": [
        {
            "content_type": "text/plain",
            "description": "log",
            "payload": base64.b64encode(b"Failed password for root from 203.0.113.9").decode(),
            "hash": "sha256:" + hashlib.sha256(b"Failed password for root from 203.0.113.9").hexdigest(),
        }
    ],
}
XARF4 = json.dumps(XARF4_DOCUMENT).encode()

XARF4_CONTENT = json.dumps(
    XARF4_DOCUMENT
    | {
        "category": "content",
        "type": "phishing",
        "url": "https://login.tenant.example/verify",
        "source_identifier": "tenant.example",
        "target_brand": "Example Bank",
        "evidence_source": "user_report",
    }
).encode()

XARF3_FLAT = json.dumps(
    {
        "Version": "3",
        "ReporterInfo": {"ReporterOrg": "Mole Street CERT", "ReporterContactEmail": "cert@mole.example"},
        "Report": {
            "ReportClass": "Activity",
            "ReportType": "PortScan",
            "Date": "2026-01-05T06:07:08Z",
            "SourceIp": "192.0.2.33",
            "SourcePort": 40000,
            "ReporterCaseID": "M-17",
            "Samples": [
                {"ContentType": "text/plain", "Base64Encoded": False, "Payload": "SYN to 1-1024"},
                {
                    "ContentType": "application/octet-stream",
                    "Base64Encoded": True,
                    "Payload": "AAEC",
                    "FileName": "a.bin",
                },
            ],
        },
    }
).encode()

XARF3_NESTED = json.dumps(
    {
        "Version": "3.0.0",
        "ReporterInfo": {"ReporterOrg": "Mole Street CERT", "ReporterOrgEmail": "cert@mole.example"},
        "Report": {
            "ReportClass": "Content",
            "ReportType": "phishing",
            "Date": "2026-01-05T06:07:08Z",
            "Source": {"URL": "https://fake.example/bank", "Type": "uri"},
            "Attachment": [{"ContentType": "image/png", "Description": "page", "Data": "iVBORw0KGgo="}],
            "AdditionalInfo": {"TargetBrand": "Example Bank"},
        },
    }
).encode()

XARF3_HARASSMENT = json.dumps(
    {
        "ReporterInfo": {"ReporterType": "Person", "ReporterContactEmail": "ann@example.org"},
        "Report": {
            "ReportClass": "Activity",
            "ReportType": "Harassment",
            "Date": "2026-01-05T06:07:08Z",
            "SourceUrl": "https://meet.platform.example/r/77",
            "Harasser": "@loud_guest",
            "HarassmentType": "hate",
            "HarassmentDescription": "He shouted slurs at every speaker of the evening and would not stop.",
        },
    }
).encode()

XARF_MAIL = _mail(f"""
From: desk@pier.example
Subject: XARF report
Date: Sun, 1 Feb 2026 12:05:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=edge

--edge
Content-Type: text/plain

An automated report is attached.
--edge
Content-Type: message/feedback-report

Feedback-Type: xarf
Version: 1
--edge
Content-Type: application/json; name=xarf.json
Content-Transfer-Encoding: base64

{base64.encodebytes(XARF4).decode()}
--edge--
""")

_NOTICE = """<?xml version="1.0" encoding="UTF-8"?>
<Infringement xmlns="http://www.acns.net/ACNS">
 <Case><ID>C-2026-9</ID><Status>Open</Status></Case>
 <Complainant><Entity>Lighthouse Pictures &amp; Co</Entity><Contact>Rights desk</Contact>
  <Email>rights@lighthouse.example</Email></Complainant>
 <Source><TimeStamp>2026-02-10T01:02:03Z</TimeStamp><IP_Address>192.0.2.77</IP_Address>
  <Port>6881</Port><Type>BitTorrent</Type></Source>
 <Content><Item><Title>The Tide</Title><FileName>The.Tide.mkv</FileName><Hash Type="SHA1">ab12</Hash></Item></Content>
</Infringement>"""

ACNS = _mail(f"""
From: Rights desk <rights@lighthouse.example>
Subject: Notice of claimed infringement
Date: Tue, 10 Feb 2026 05:00:00 +0000
Content-Type: text/plain; charset=utf-8

-----BEGIN PGP SIGNED MESSAGE-----

Dear provider, the copyright of our film was infringed.

- - ---Start ACNS XML
{_NOTICE}
- - ---End ACNS XML
-----BEGIN PGP SIGNATURE-----
abcd
-----END PGP SIGNATURE-----
""")

_ROWS = [
    '"timestamp","ip","port","protocol","hostname","tag","asn"',
    '"2026-03-01 00:01:02","192.0.2.1",53,"udp","one.example","openresolver",64500',
    '"2026-03-01 00:02:02","192.0.2.2",53,"udp",,"openresolver",64500',
    '"2026-03-01 00:03:02","2001:db8::3",53,"udp","three, \\"3\\"","openresolver",64500',
]
TABLE = "\n".join(_ROWS).encode()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def with_attachment(name: str, media_type: str, content: bytes, body: str = "See the attachment.") -> bytes:
    return _mail(f"""
From: Buoy Foundation <reports@buoy.example>
To: abuse@platform.example
Subject: Daily report for AS64500
Date: Mon, 2 Mar 2026 03:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="edge"

--edge
Content-Type: text/plain; charset=us-ascii

{body}
--edge
Content-Type: {media_type}; name="{name}"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="{name}"

{base64.encodebytes(content).decode()}
--edge--
""")


TABLE_MAIL = with_attachment("2026-03-01-scan_dns.csv.zip", "application/zip", zipped("2026-03-01-scan_dns.csv", TABLE))

XARF02 = with_attachment(
    "report.txt",
    "text/plain",
    b"---\nReported-From: desk@mole.example\nCategory: abuse\nReport-Type: login-attack\nService: ssh\n"
    b"Date: Fri, 06 Mar 2026 07:19:02 +0100\nSource-Type: ip-address\nSource: 192.0.2.150\nPort: 22\nReport-ID: 4711\n",
    body="Our server was attacked.",
)

LISTING = _mail("""
From: Harbour Browsing <noreply@harbour.example>
Subject: Unsafe pages in AS64500
Date: Wed, 4 Feb 2026 06:36:10 +0000

<notification asn="64500" date="2026-02-03">
 <list type="phishing">
  <entry url="http://one.example/login" ip="192.0.2.5" />
  <entry url="http://two.example/" ip="192.0.2.6" />
 </list>
</notification>
""")

SECTIONS = _mail("""
From: Honey Dock <monitor@dock.example>
Subject: Weekly monitor report
Date: Sun, 4 Oct 2026 02:45:10 -0400

Below is the report you asked for.

Addresses engaged in email spamming on your network:

192.0.2.10 (S)
  - Mon, 28 Sep 2026 11:00AM PDT
192.0.2.11

Addresses engaged in dictionary attacks on your network:

198.51.100.4

More at http://dock.example/settings
""")

BLOCK = _mail("""
From: SOC <soc@wharf.example>
Subject: Abuse from your network
Date: Fri, 6 Mar 2026 10:00:00 +0100

Please look into this:

Source IP:   192.0.2.99
Date: 2026-03-06 08:15:00 +0100
Attack type: port scan
Destination port: 3389
""")

MEETING = _mail("""
From: Ann Teacher <ann@school.example>
To: safety@platform.example
Subject: Strangers disrupted our class
Date: Mon, 9 Mar 2026 14:00:00 +0100
Content-Type: text/plain; charset=utf-8

Hello,

three uninvited people joined our meeting, screamed and shared their screen with pornography.
Meeting ID: 987 6543 2101, on 9 March 2026 13:20. Please do something.

--
Ann Teacher
https://www.school.example/
""")

GERMAN = """From: "J\u00fcrgen Gr\u00fcn" <juergen@verein.example>
Subject: =?utf-8?b?QmVsw6RzdGlndW5nIGR1cmNoIGVpbmVuIE51dHplcg==?=
Date: Mon, 9 Mar 2026 14:00:00 +0100
Content-Type: text/html; charset=utf-8

<html><head><style>p { color: red }</style></head><body><p>Guten Tag,</p>
<p>der Benutzer: stoerer99 bel\u00e4stigt und beleidigt seit Tagen unsere Mitglieder und droht ihnen.</p></body></html>
""".encode()

AUTO_REPLY = _mail("""
From: Ann <ann@example.org>
Subject: Out of office: Re: Your report R-7F3K
Auto-Submitted: auto-replied
Date: Mon, 9 Mar 2026 14:00:00 +0100

I am on holiday.
""")

BOUNCE = _mail("""
From: MAILER-DAEMON@mx.example.org
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=edge

--edge
Content-Type: text/plain

Unknown user.
--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; gone@example.org
Action: failed
Status: 5.1.1
--edge--
""")

FORWARDED_SPAM = (
    _mail("""
From: Ben <ben@example.org>
Subject: Fwd: you won
Date: Mon, 9 Mar 2026 14:00:00 +0100
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: text/plain

Please see below.
--outer
Content-Type: message/rfc822

""")
    + b"From: Prize <prize@lure.example>\nSubject: you won\nDate: Mon, 9 Mar 2026 13:00:00 +0100\n\nClick.\n--outer--\n"
)

FORWARDED_REPORT = (
    _mail("""
From: Ben <ben@example.org>
Subject: Fwd: complaint
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: text/plain

This came to my private address.
--outer
Content-Type: message/rfc822

""")
    + ARF
    + b"\n--outer--\n"
)

MAILS: dict[str, bytes] = {
    name: value
    for name, value in globals().items()
    if isinstance(value, bytes) and not name.startswith(("XARF4", "XARF3", "TABLE")) and not name.startswith("_")
} | {"TABLE_MAIL": TABLE_MAIL}
DOCUMENTS: dict[str, bytes] = {
    name: value for name, value in globals().items() if isinstance(value, bytes) and name.startswith(("XARF4", "XARF3"))
}
