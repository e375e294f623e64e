// Command hook is a partner's server to start from: it approves a shop's
// transaction and signs it, so that Eko's access key stands on this server and
// on no shop's computer. One endpoint answers the three callers that a partner
// may have:
//
//   - biobridge with signer = "hook" (phases "check" and "sign");
//   - the callback of Eko's AePS gateway (types 2, 3 and 4);
//   - the debit-hook of Eko's Connect widget (interactions 221, 279 and 149).
//
// Invariants:
//   - Nothing is signed for a caller that is not authenticated, for another
//     merchant than the caller's, or for a transaction that is refused.
//   - A question that is asked again, under its idempotency key, is not approved
//     a second time: it gets a fresh signature and costs nothing.
//   - What is signed has a form that can't be read as another transaction: the
//     values follow each other without separators, so each is checked.
//   - The plain Aadhaar number is opened in memory, hashed and forgotten; nothing
//     of it is stored or logged.
//
// What a partner has to add stands in policy.go: the wallet, the limits, the
// portal's own records. README.md shows how to run it, openapi.yaml what it
// answers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"biobridge/eko"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hook:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("hook", flag.ContinueOnError)
	path := flags.String("config", "hook.json", "configuration file")
	listen := flags.String("listen", ":8443", "address to listen on")
	cert := flags.String("cert", "", "TLS certificate chain, PEM")
	key := flags.String("key", "", "TLS private key, PEM")
	pair := flags.Bool("new-seal-key", false, "print a new key pair for Aadhaar numbers and exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *pair {
		private, public, err := eko.NewOpenKey()
		if err != nil {
			return err
		}
		_, err = fmt.Printf("open_key (keep it here, secret): %s\nhook_public_key (for the shops): %s\n", private, public)
		return err
	}
	cfg, err := loadConfig(*path)
	if err != nil {
		return err
	}
	if *cert == "" || *key == "" {
		return errors.New("give -cert and -key: a hook speaks https only")
	}
	return serve(ctx, newHook(cfg, slog.New(slog.NewTextHandler(os.Stderr, nil))), *listen, *cert, *key)
}

// serve runs until the context ends and lets answers under way go out.
func serve(ctx context.Context, handler http.Handler, listen, cert, key string) error {
	server := &http.Server{
		Addr: listen, Handler: handler,
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServeTLS(cert, key) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(end)
	}
}
