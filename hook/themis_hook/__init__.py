"""Themis Review as a hook of git: the gate at commit and at push."""
