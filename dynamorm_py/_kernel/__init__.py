"""The ground floor: types of the wire, plans, two small mechanisms. It knows no models, no boto3 and no operations."""
