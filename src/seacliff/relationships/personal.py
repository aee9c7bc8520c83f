"""What this room keeps about people: next to nothing; a lead's words tell no person's data."""

from seacliff.record.personal import not_personal

not_personal("A lead's words for what went well; which function had which digest",
             relationships__Win="*", relationships__DigestChoice="*", relationships__Digest="*")  # fmt: skip
