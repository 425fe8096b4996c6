"""The desk's pages in a real browser, on a real desk whose switch the test plays."""
