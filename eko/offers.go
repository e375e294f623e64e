package eko

// Offers reports whether the generation of the API in use has a service at all,
// so that nobody is asked for a finger that can't be sent.
func (c *Client) Offers(s Service) bool {
	if _, current := c.dialect.(v3); current {
		return v3Paths[s] != "" || v3MerchantCalls[s].path != ""
	}
	return v2ServiceTypes[s] != "" || v2MerchantPaths[s] != ""
}
