/* The road from interrupt handlers to the tty: a ring of events, one reader. A line that keeps its bytes itself only
 * says that it has some.
 *
 * Owns the ring; promises order, and that a full ring loses the newest event and counts it rather
 * than wait. A source that can hold its bytes back asks input_full() first and loses none. Guarded
 * by `lock`, which interrupt handlers take. */
#include "dev/input.h"

#include "sched/waitq.h"

#define RING_SIZE 1024u /* power of two */

static struct input_event ring[RING_SIZE];
static u32 head, tail; /* running counts: next to take, next to fill */
static u64 dropped;
static bool lines_news; /* atomic */
static struct spinlock lock = SPINLOCK_INIT("input");
static struct waitq arrived = WAITQ_INIT(arrived, "input");
static bool stalled; /* a source waits for room */
static void (*resume_fn)(void);
static void (*led_fn)(unsigned leds);

static void input_post(struct input_event ev)
{
    u64 state = spin_lock_irqsave(&lock);
    bool room = tail - head < RING_SIZE;
    if (room)
        ring[tail++ % RING_SIZE] = ev;
    else
        dropped++;
    spin_unlock_irqrestore(&lock, state);
    if (room)
        waitq_wake_one(&arrived);
}

void input_key(u16 code, bool pressed)
{
    input_post((struct input_event){ .kind = INPUT_KEY, .pressed = pressed, .code = code });
}

void input_byte(u8 byte)
{
    input_post((struct input_event){ .kind = INPUT_BYTE, .pressed = true, .code = byte });
}

void input_answer(unsigned console, u8 byte)
{
    input_post((struct input_event){ .kind = INPUT_ANSWER, .pressed = true, .code = (u16)(console << 8 | byte) });
}

void input_lines_news(void)
{
    __atomic_store_n(&lines_news, true, __ATOMIC_SEQ_CST);
    waitq_wake_one(&arrived);
}

static bool news_take(struct input_event *out)
{
    *out = (struct input_event){ .kind = INPUT_LINES };
    return __atomic_exchange_n(&lines_news, false, __ATOMIC_SEQ_CST);
}

/* Keys first: lines keep what they have. */
static bool input_take(struct input_event *out)
{
    u64 state = spin_lock_irqsave(&lock);
    bool any = head != tail;
    if (any)
        *out = ring[head++ % RING_SIZE];
    spin_unlock_irqrestore(&lock, state);
    return any || news_take(out);
}

bool input_full(void)
{
    u64 state = spin_lock_irqsave(&lock);
    bool full = tail - head >= RING_SIZE;
    stalled |= full;
    spin_unlock_irqrestore(&lock, state);
    return full;
}

void input_set_resume_fn(void (*fn)(void))
{
    __atomic_store_n(&resume_fn, fn, __ATOMIC_RELEASE);
}

/* Half empty is soon enough, and keeps the source from stopping again at once. */
static bool room_again(void)
{
    u64 state = spin_lock_irqsave(&lock);
    bool resume = stalled && tail - head <= RING_SIZE / 2;
    if (resume)
        stalled = false;
    spin_unlock_irqrestore(&lock, state);
    return resume;
}

void input_wait(struct input_event *out)
{
    (void)wait_event(&arrived, input_take(out), WAIT_KILLABLE_NOT, 0);
    void (*fn)(void) = __atomic_load_n(&resume_fn, __ATOMIC_ACQUIRE);
    if (fn && room_again())
        fn();
}

u64 input_dropped(void)
{
    u64 state = spin_lock_irqsave(&lock);
    u64 n = dropped;
    spin_unlock_irqrestore(&lock, state);
    return n;
}

void input_set_led_fn(void (*fn)(unsigned leds))
{
    __atomic_store_n(&led_fn, fn, __ATOMIC_RELEASE);
}

void input_set_leds(unsigned leds)
{
    void (*fn)(unsigned leds) = __atomic_load_n(&led_fn, __ATOMIC_ACQUIRE);

    if (fn)
        fn(leds);
}
