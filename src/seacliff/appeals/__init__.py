"""Appeals: whoever a decision concerns may have it looked at again, by somebody who did not take it."""
