"""Quality: decisions looked at again blindly, agreement, golden cases, calibration."""
