"""Satisfaction after each touchpoint: asked once, kindly, and counted honestly.

Answers stay here: neither the rating nor casework nor followup may import this room, nor this room them.
"""
