"""What a study has found out: pure functions of its snapshots."""
