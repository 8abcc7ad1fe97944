"""What can be done to profiles, segments and builds: verbs, in one transaction each."""
