"""The tabs of a study, one file each."""
