"""The market: audio features of published music, and what they say of popularity. Pure: numpy and statsmodels, no Django."""
