"""What performs a plan: the loop, the deadline of the work at hand, threads. It knows no models and no boto3."""
