"""``python -m themis_hook``."""

from themis_hook.hook import main

main()
