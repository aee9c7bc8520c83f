"""Playbooks: what a team does when something happens, as versioned sets of asks, approvals and tasks; and their runs."""
