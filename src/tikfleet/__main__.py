"""`python -m tikfleet` is the program `tikfleet`."""

from tikfleet.app.command import main

main()
