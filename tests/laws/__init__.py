"""Laws that hold for every model class: random classes, values of them, and what must be true of each.

`shapes`, `enumerations`, `wrappers`, `unions` and `classes` draw annotations with their values, `models` draws model
classes made of them, `store` answers as a table would, `checks` holds the laws, `soak` runs them at length.
"""
