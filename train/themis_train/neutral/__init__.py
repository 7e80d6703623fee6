"""Edits that make code neither better nor worse, for calibration and for training to be calm."""
