"""The outermost shell: the command line and the web page."""
