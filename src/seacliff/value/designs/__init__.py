"""Designs that estimate what the work changed, each with the diagnostics that decide whether it may be believed.

Arrays in, a `result.Result` out; nothing here knows the database. A module a design, one function that runs it:

- `leniency`       effect of a decision, by whichever reviewer happened to get the case (UJIVE)
- `discontinuity`  effect at a threshold of a score; `window` compares close below with close above
- `synthetic`      effect of one launch on one or few units against the others (SDID, SC, DID)
- `series`         one series before and after, nothing to compare it with
- `staggered`      a change that reached markets at different dates (Callaway-Sant'Anna); `few` where few got it
- `churn`          exposure and leaving: discrete time, and Cox; association, never effect
- `trial`          what chance assigned
- `placebos`       how far an estimate must stand out among places where nothing happened
- `guards`         what every design asks of its rows first
- `sensitivity`    how strong something hidden would have to be (E-value)
- `prevalence`     how much there is, from a stratified sample
- `headline`       what may be added up, and how
"""
