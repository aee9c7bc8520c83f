"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "emergency-contact.added": "added an emergency contact",
    "emergency-contact.removed": "removed an emergency contact",
    "emergency.declared": "declared an emergency",
    "emergency.alerted": "alerted those on call",
    "emergency.reminded": "alerted those on call again",
    "emergency.closed": "closed the emergency",
    "evidence.restricted": "restricted a piece of evidence",
    "evidence.unlocked": "unlocked a restricted piece of evidence",
    "evidence.sent-to-hotline": "sent a piece of evidence to the hotline",
    "referral.drafted": "drafted a referral to the hotline",
    "referral.approved": "approved the referral",
    "referral.submitted": "sent the referral to the hotline",
    "referral.failed": "could not send the referral to the hotline",
    "unlock.asked": "asked for a restricted piece of evidence to be unlocked",
    "unlock.agreed": "agreed that a restricted piece of evidence is unlocked",
    "unlock.refused": "refused to unlock a restricted piece of evidence",
}
