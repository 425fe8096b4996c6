"""The one command `hotline`: set-up, launcher, doctor, accounts, tests and benches."""
