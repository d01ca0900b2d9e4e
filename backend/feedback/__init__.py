"""Where surveys meet the rest of the house: who attended, when to leave members in peace, who asked to be contacted.

Only instants, ids and places pass from the rest to surveys; back passes one thing: that a member wishes to be
contacted.
"""
