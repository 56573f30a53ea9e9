// Load on one HTTP server on loopback, for a given time: each connection asks for the same path
// again and again. Answers are thrown away inside the kernel (MSG_TRUNC), so that reading costs the
// client next to nothing and what is measured is the server.
//
//	load ADDRESS PATH CONNECTIONS MILLISECONDS
//
// Prints one line of JSON: {"requests":…,"bytes":…,"seconds":…,"cpu":…}; requests that were
// answered to the end, bytes of bodies, also of those that the end cut off, and seconds of processor
// time of this client.
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// docker-registry has OCI manifests only for who names their type.
const accept = "application/vnd.oci.image.manifest.v1+json, */*"

var requests, received atomic.Int64

// Where discarded bytes would go. Nobody writes to it, so all connections share it.
var trash [4 << 20]byte

func main() {
	if len(os.Args) != 5 {
		fail("usage: load ADDRESS PATH CONNECTIONS MILLISECONDS")
	}
	address, path := os.Args[1], os.Args[2]
	connections, _ := strconv.Atoi(os.Args[3])
	milliseconds, _ := strconv.Atoi(os.Args[4])
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() || connections < 1 || milliseconds < 1 {
		fail("load only goes to this machine's own addresses, over at least one connection, for a while")
	}
	sockets := make([]*net.TCPConn, connections)
	for i := range sockets {
		socket, err := net.Dial("tcp", address)
		if err != nil {
			fail(err.Error())
		}
		sockets[i] = socket.(*net.TCPConn)
	}
	start := time.Now()
	end := start.Add(time.Duration(milliseconds) * time.Millisecond)
	var all sync.WaitGroup
	for _, socket := range sockets {
		socket.SetDeadline(end)
		all.Add(1)
		go func() {
			defer all.Done()
			if err := load(socket, host, path); err != nil && !os.IsTimeout(err) {
				fail(err.Error())
			}
			socket.Close()
		}()
	}
	all.Wait()
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
	fmt.Printf("{\"requests\":%d,\"bytes\":%d,\"seconds\":%.6f,\"cpu\":%.6f}\n",
		requests.Load(), received.Load(), time.Since(start).Seconds(), cpu)
}

func fail(sentence string) {
	fmt.Fprintln(os.Stderr, sentence)
	os.Exit(1)
}

// Asks for the path until the connection's deadline, which ends it with a timeout.
func load(socket *net.TCPConn, host, path string) error {
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: " + accept + "\r\n\r\n")
	buffer := make([]byte, 64<<10)
	for {
		if _, err := socket.Write(request); err != nil {
			return err
		}
		left, err := head(socket, buffer)
		if err != nil {
			return err
		}
		for left > 0 {
			count, err := discard(raw, min(left, len(trash)))
			if err != nil {
				return err
			}
			left -= count
			received.Add(int64(count))
		}
		requests.Add(1)
	}
}

// Reads the head of a 200 answer and returns how many bytes of its body are still to come.
func head(socket *net.TCPConn, buffer []byte) (int, error) {
	filled := 0
	for {
		count, err := socket.Read(buffer[filled:])
		if err != nil {
			return 0, err
		}
		filled += count
		end := bytes.Index(buffer[:filled], []byte("\r\n\r\n"))
		if end < 0 {
			continue
		}
		_, rest, found := bytes.Cut(buffer[:end+2], []byte("\r\nContent-Length: "))
		line, _, _ := bytes.Cut(rest, []byte("\r\n"))
		length, err := strconv.Atoi(string(line))
		if !bytes.HasPrefix(buffer, []byte("HTTP/1.1 200 ")) || !found || err != nil {
			return 0, fmt.Errorf("unexpected answer: %q", buffer[:end])
		}
		body := filled - end - 4
		received.Add(int64(body))
		return length - body, nil
	}
}

// Takes at most so many bytes off the socket without copying them.
func discard(raw syscall.RawConn, most int) (count int, err error) {
	waited := raw.Read(func(descriptor uintptr) bool {
		count, _, err = syscall.Recvfrom(int(descriptor), trash[:most], syscall.MSG_TRUNC)
		return err != syscall.EAGAIN && err != syscall.EINTR
	})
	if waited != nil {
		return 0, waited
	}
	if err == nil && count == 0 {
		err = fmt.Errorf("the server closed the connection in the middle of an answer")
	}
	return count, err
}
