"""What was asked of those who hold the budget, what was promised for it, and whether it came: past asks against their promise.

A promise names a measure, a figure and a day before it is granted, and stays as it was made. On its day the worker reads the
measure over the time since it was granted and says by rule whether the promise was kept. Nobody chooses what is looked at.
"""
