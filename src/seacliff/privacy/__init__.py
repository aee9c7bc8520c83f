"""Privacy: rules of retention over the classes of data of every room, holds, erasure, access."""
