// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** Overridden methods on 1,024 shapes of five classes: a call by class id each for growing and for area; `n` × 100. */

import { nextRandom, seed } from "./random.ts";

const SHAPES = 1024;

abstract class Shape {
  constructor(public width: i32, public height: i32) {}

  abstract area(): i32;

  grow(by: i32): void {
    this.width = (this.width + by) & 255;
  }
}

class Square extends Shape {
  area(): i32 {
    return this.width * this.width;
  }
}

class Rectangle extends Shape {
  area(): i32 {
    return this.width * this.height;
  }

  grow(by: i32): void {
    super.grow(by);
    this.height = (this.height + by) & 255;
  }
}

class Triangle extends Shape {
  area(): i32 {
    return this.width * this.height / 2;
  }

  grow(by: i32): void {
    this.height = (this.height + by) & 255;
  }
}

class Frame extends Rectangle {
  area(): i32 {
    return super.area() - (this.width - 2) * (this.height - 2);
  }
}

class Disc extends Square {
  area(): i32 {
    return super.area() * 355 / 113;
  }
}

function make(kind: u32, width: i32, height: i32): Shape {
  switch (kind) {
    case 0:
      return new Square(width, height);
    case 1:
      return new Rectangle(width, height);
    case 2:
      return new Triangle(width, height);
    case 3:
      return new Frame(width, height);
    default:
      return new Disc(width, height);
  }
}

function areas(shapes: StaticArray<Shape>): u32 {
  let sum: u32 = 0;
  for (let i = 0; i < shapes.length; i++) sum += shapes[i].area();
  return sum;
}

export function run(n: i32): i32 {
  seed(17);
  const shapes = new StaticArray<Shape>(SHAPES);
  for (let i = 0; i < SHAPES; i++) {
    const kind = nextRandom() % 5, width = nextRandom() & 255;
    shapes[i] = make(kind, width, nextRandom() & 255);
  }
  let sum: u32 = 0;
  for (let round = 0; round < n * 100; round++) {
    for (let i = 0; i < SHAPES; i++) shapes[i].grow(round & 7);
    sum = sum * 31 + areas(shapes);
  }
  return sum;
}

/** One of each kind, 6 wide and 4 high: 36 + 24 + 12 + 16 + 113 = 201. */
export function known(): i32 {
  const shapes = new StaticArray<Shape>(5);
  for (let i = 0; i < 5; i++) shapes[i] = make(i, 6, 4);
  return areas(shapes);
}
