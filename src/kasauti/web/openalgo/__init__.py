"""OpenAlgo's REST and WebSocket API, so that its clients trade here by changing one address."""
