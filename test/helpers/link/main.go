// A wire with the qualities of a long way: an Ethernet between a bridge of this machine and a network
// namespace that nobody else is in. What tc-netem does in kernels that have it, in one program that
// runs on all; when it ends, however that may be, both ends and all that is on the way are gone.
//
//	link NAME BYTES-PER-SECOND ONE-WAY-MICROSECONDS LOSS
//
// NAME is the end on this side; the other one is eth0 in the namespace that this process is in as
// soon as it has printed "ready". Each way has the rate, the delay and the share of lost packets.
package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

const (
	// What precedes each frame: struct virtio_net_hdr of linux/virtio_net.h.
	header = 10
	// The largest that the kernel hands over at once: many packets of one connection, not cut yet.
	largest = header + 14 + 65536
	// Headers of each packet that such a frame is to be cut into: Ethernet, IPv4, TCP with timestamps.
	packetHeaders = 66
	// How long a packet may wait for its turn before it is dropped, as in a usual router.
	buffered = 100 * time.Millisecond
	// Packets under way at most; the rate bounds them before.
	places = 1 << 16
	// TUN_F_CSUM, TUN_F_TSO4 and TUN_F_TSO6 of linux/if_tun.h.
	uncut = 1 | 2 | 4
)

// The main goroutine stays on the main thread, whose namespace is what /proc tells of the process.
func init() { runtime.LockOSThread() }

func main() {
	if len(os.Args) != 5 {
		fail("usage: link NAME BYTES-PER-SECOND ONE-WAY-MICROSECONDS LOSS")
	}
	rate, _ := strconv.ParseFloat(os.Args[2], 64)
	delay, _ := strconv.Atoi(os.Args[3])
	loss, err := strconv.ParseFloat(os.Args[4], 64)
	if err != nil || rate <= 0 || delay < 0 || loss < 0 || loss >= 1 {
		fail("link: a rate above 0, a delay of 0 or more and a loss of 0 to 1 are needed")
	}
	// Whole packets are lost, so where some are they have to be cut before they come here.
	offload := 0
	if loss == 0 {
		offload = uncut
	}
	here := open(os.Args[1], offload)
	check(syscall.Unshare(syscall.CLONE_NEWNET))
	there := open("eth0", offload)
	one := way{rate, time.Duration(delay) * time.Microsecond, loss}
	go one.carry(here, there)
	go one.carry(there, here)
	fmt.Println("ready")
	select {}
}

// open makes a network device of this process and of the namespace that its thread is in.
func open(name string, offload int) int {
	file, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	check(err)
	var request struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:syscall.IFNAMSIZ-1], name)
	request.flags = syscall.IFF_TAP | syscall.IFF_NO_PI | syscall.IFF_VNET_HDR
	control(file, syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request)))
	control(file, syscall.TUNSETOFFLOAD, uintptr(offload))
	return file
}

func control(file int, request, argument uintptr) {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(file), request, argument); errno != 0 {
		check(errno)
	}
}

type way struct {
	rate  float64
	delay time.Duration
	loss  float64
}

type packet struct {
	bytes []byte
	due   time.Time
}

// carry brings what comes out of one end into the other, each at its time.
func (w way) carry(from, to int) {
	underWay := make(chan packet, places)
	go deliver(underWay, to)
	buffer := make([]byte, largest)
	free := time.Now()
	for {
		count, err := syscall.Read(from, buffer)
		if err == syscall.EINTR {
			continue
		}
		check(err)
		now := time.Now()
		if free.Before(now) {
			free = now
		}
		if rand.Float64() < w.loss || free.Sub(now) > buffered {
			continue
		}
		free = free.Add(time.Duration(float64(sizeOf(buffer[:count])) / w.rate * 1e9))
		underWay <- packet{append([]byte(nil), buffer[:count]...), free.Add(w.delay)}
	}
}

// sizeOf gives the bytes that a frame has on a wire, where it is cut into packets.
func sizeOf(frame []byte) int {
	size := len(frame) - header
	if segment := int(binary.NativeEndian.Uint16(frame[4:])); frame[1] != 0 && segment > 0 {
		size += (size - packetHeaders) / segment * packetHeaders
	}
	return size
}

func deliver(underWay <-chan packet, to int) {
	for next := range underWay {
		time.Sleep(time.Until(next.due))
		if _, err := syscall.Write(to, next.bytes); err != nil && err != syscall.EIO && err != syscall.EINVAL {
			check(err)
		}
	}
}

func check(err error) {
	if err != nil {
		fail("link: " + err.Error())
	}
}

func fail(sentence string) {
	fmt.Fprintln(os.Stderr, sentence)
	os.Exit(1)
}
