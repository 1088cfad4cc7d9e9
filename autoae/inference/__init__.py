"""Trained networks put to use: loaded, run on images, exported.

model = load_model("storage/runs/digits-hybrid/12")
result = model(images)  # (N, C, H, W): bytes, or numbers between 0 and 1
"""
