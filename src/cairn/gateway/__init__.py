"""The AI gateway: language-model providers behind one port."""
