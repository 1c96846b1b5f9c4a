"""India's rules as dated data: charges, calendar, expiries, contracts, symbols, products and margins."""
