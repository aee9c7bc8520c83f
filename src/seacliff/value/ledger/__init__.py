"""The evidence ledger: findings proposed before their estimate is shown, run, graded by rule, signed off, superseded."""
