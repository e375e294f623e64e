package daemon

// VaultDir is the vault's place below the data directory.
const VaultDir = "secrets"

// SecretName is a secret that the agent looks for in the vault.
type SecretName struct{ Name, Purpose string }

// The names of the secrets that a person stores. The agent's own (the key of
// its hashes) is not among them: nobody has to know it.
const (
	secretAccessKey  = "access_key"
	secretHookBearer = "hook_bearer"
	secretHookClient = "hook_client"
	secretRelay      = "relay_bearer"
	secretProxy      = "proxy"

	secretHashKey = "hash_key"
)

// Secrets lists the secrets that a person may store, in the order of the help.
func Secrets() []SecretName {
	return []SecretName{
		{secretAccessKey, `Eko's access key, for signer = "key"`},
		{secretHookBearer, `the bearer token of the partner's hook, for signer = "hook"`},
		{secretHookClient, `a client certificate with its key (PEM), for hook or relay`},
		{secretRelay, `the bearer token of the partner's relay, for signer = "relay"`},
		{secretProxy, `the forward proxy's user:password`},
	}
}
