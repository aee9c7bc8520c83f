"""What this room keeps about people: nothing but what colleagues write about figures."""

from seacliff.record.personal import not_personal

not_personal(
    "Questions, plans and figures about many accounts, in the words of colleagues",
    value__Finding="*", value__Run="*", value__Assumptions="*", value__Reading="*", value__Draft="*", value__Promise="*",
)  # fmt: skip
not_personal(
    "Customers' accounts by the company's own numbers, loaded from its systems and replaced with every load: give "
    "numbers that are no names",
    value__AccountDay="*", value__Launch="*", value__Lot="*",
)  # fmt: skip
