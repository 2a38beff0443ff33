"""Real tracers and recorders see our calls: installed from requirements/tracers.txt, run by `make test-tracers`."""
