"""A small team that the tests share."""

TEAM = """
world:
  weeks: 6
  warm_up_weeks: 1
  categories:
    spam:
      per_week: 3000
      severity: 4
      target_hours: 48
      languages: {en: 3, de: 1}
      handling: {1: {minutes: 2.5}}
      burst_hourly: 0.3
      burst_daily: 0.2
    harassment:
      per_week: 900
      severity: 2
      target_hours: 24
      handling: {1: {minutes: 6}, 2: {minutes: 15}}
      escalated: {1: 0.2}
      appealed: 0.05
      patience_hours: 60
    minors:
      per_week: 120
      severity: 1
      target_hours: 4
      severe: true
      handling: {1: {minutes: 12}}
      branching: 0.4
  groups:
    first: {count: 8, tiers: [1], shift: day, cost_per_hour: 40, severe_hours_per_day: 2, absence: 0.1}
    late: {count: 3, tiers: [1], shift: late, cost_per_hour: 44, severe_hours_per_day: 2}
    second: {count: 3, tiers: [2], shift: day, categories: [harassment], appeals: true, cost_per_hour: 60}
  shifts:
    day: {days: [mon, tue, wed, thu, fri], start: "09:00", hours: 8, breaks: [{after: 3.5, minutes: 45}]}
    late: {days: [mon, tue, wed, thu, fri, sat, sun], start: "16:00", hours: 8}
scenarios:
  - {name: Two fewer at the first tier, headcount: {first: "-2"}}
  - {name: A quarter more of everything, volume: {all: 1.25}}
  - {name: A machine decides half of spam, automation: {spam: {share: 0.5, accuracy: 0.95, objects: 0}}}
replications: 8
seed: 4
"""
