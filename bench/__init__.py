"""Benchmarks: each measures Seacliff beside a yardstick in the same run, checks what came out, and prints the ratio."""
