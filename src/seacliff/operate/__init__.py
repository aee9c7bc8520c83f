"""Running Seacliff: is it well, what does it do, keep a copy of it, bring it back. Composition: it may know every room."""
