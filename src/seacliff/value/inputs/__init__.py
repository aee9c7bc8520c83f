"""What estimates are made on: declared tables (`schema`), read from Seacliff's own record (`record`) and from wherever the
company keeps its accounts (`source`); the sums that are formed there (`reductions`); how good they are (`quality`)."""
