"""Who we work with: functions with charters, and asks with clocks in both directions about any record."""
