"""Teaching the reviewer to say what is likely wrong with a change."""
