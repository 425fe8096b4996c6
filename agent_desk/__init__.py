"""The desk: the web application of agents and supervisors, its API, live events, sign-in and roles."""
